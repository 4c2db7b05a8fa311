# The crisis panel, for hosts alone: whom to ring, what was agreed, whom to tell, what was done and when.
crisis-title = Om det hastar
crisis-lead = Samtalen går så lenge. Deler du skjermen, blir dette òg vist.
crisis-mute = Slå av mikrofonen din
crisis-unmute = Slå på mikrofonen din att
# What was agreed
crisis-near = Den som er i nærleiken
crisis-adult-may = De har avtalt at { $name } kan ringjast.
crisis-adult-no-number = Nummeret står ikkje i avtalen.
crisis-adult-may-not = De har avtalt at { $name } ikkje blir ringd.
crisis-adult-number = Nummeret i avtalen er { $number }.
crisis-adult-none = Ingen vaksen står i avtalen. Spør kvar ungdomen er no, og kven som er i nærleiken.
crisis-not-agreed = Det er ingen avtale å vise her. Spør kvar ungdomen er no, og kven som er i nærleiken.
crisis-hard = Når det blir vanskeleg, hjelper dette:
crisis-hard-none = Avtalen seier ikkje kva som hjelper når det blir vanskeleg.
crisis-reach-message = Mellom timane når du ungdomen med melding.
crisis-reach-call = Mellom timane når du ungdomen på telefon.
crisis-reach-mail = Mellom timane når du ungdomen på e-post.
crisis-reach-adult = Mellom timane når du ungdomen gjennom den vaksne i nærleiken.
crisis-answers = Plar svare: { $when }
# Numbers
crisis-numbers = Ring
crisis-no-child-welfare = Nummeret til barnevernsvakta er ikkje lagt inn her. Alarmtelefonen for barn og unge, { $number }, svarer heile døgnet.
# Whom to tell
crisis-tell = Eg må seie frå
crisis-tell-first = Sei det til ungdomen først, om det er mogleg og trygt.
crisis-route-now = Nokon er i fare no: gi den hjelpa som hastar, og ring naudetatane når det må til for å hindre alvorleg skade.
crisis-route-now-law = Helsepersonellova §§ 7 og 31
crisis-route-avert = Eit alvorleg lovbrot kan enno hindrast: sei frå til politiet, eller hindre det på ein annan måte. Plikta gjeld alle.
crisis-route-avert-law = Straffelova § 196
crisis-route-welfare = Mishandling, alvorleg omsorgssvikt eller alvorlege åtferdsvanskar hos nokon under 18 år: meld til barnevernet av eige tiltak. Hastar det, ring barnevernsvakta.
crisis-route-welfare-law = Helsepersonellova § 33, barnevernslova § 13-2
crisis-route-clinic = I eigen klinikk: den som har vakt, leiaren din, eller den som er peikt ut til å ha ansvaret for slike meldingar.
crisis-route-clinic-law = Helsepersonellova § 33
crisis-tell-secrecy = Plikta til å hindre og plikta til å melde går føre teieplikta.
crisis-tell-doubt = Samrom gir ikkje råd om lova. Er du i tvil, spør den som har vakt.
# What was done
crisis-done = Kva er gjort?
crisis-done-text = Trykk når det er gjort, så noterer vi klokkeslettet. Du finn det att når du lukkar timen.
crisis-did-opened = Opna «Om det hastar»
crisis-did-told-her = Sa det til ungdomen først
crisis-did-adult = Ringde den vaksne
crisis-did-emergency = Ringde { $number }
crisis-did-police = Ringde politiet, { $number }
crisis-did-doctor = Ringde legevakt, { $number }
crisis-did-child-welfare = Ringde barnevernsvakta
crisis-did-told-child-welfare = Sa frå til barnevernet
crisis-did-told-clinic = Sa frå i klinikken
crisis-did-stayed = Vart i samtalen
crisis-undo = Angre
crisis-noted = Notert: { $what }, kl. { $time }.
crisis-undone = Teke bort: { $what }.
crisis-waits = ventar på linja
crisis-refused = ikkje lagra
