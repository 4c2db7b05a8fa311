# The crisis panel, for hosts alone: whom to ring, what was agreed, whom to tell, what was done and when.
crisis-title = Hvis det haster
crisis-lead = Samtalen går imens. Deler du skjermen, vises dette også.
crisis-mute = Slå av mikrofonen din
crisis-unmute = Slå på mikrofonen din igjen
# What was agreed
crisis-near = Den som er i nærheten
crisis-adult-may = Dere har avtalt at { $name } kan ringes.
crisis-adult-no-number = Nummeret står ikke i avtalen.
crisis-adult-may-not = Dere har avtalt at { $name } ikke ringes.
crisis-adult-number = Nummeret i avtalen er { $number }.
crisis-adult-none = Ingen voksen står i avtalen. Spør hvor ungdommen er nå, og hvem som er i nærheten.
crisis-not-agreed = Det er ingen avtale å vise her. Spør hvor ungdommen er nå, og hvem som er i nærheten.
crisis-hard = Når det blir vanskelig, hjelper dette:
crisis-hard-none = Avtalen sier ikke hva som hjelper når det blir vanskelig.
crisis-reach-message = Mellom timene når du ungdommen med melding.
crisis-reach-call = Mellom timene når du ungdommen på telefon.
crisis-reach-mail = Mellom timene når du ungdommen på e-post.
crisis-reach-adult = Mellom timene når du ungdommen gjennom den voksne i nærheten.
crisis-answers = Pleier å svare: { $when }
# Numbers
crisis-numbers = Ring
crisis-no-child-welfare = Nummeret til barnevernvakta er ikke lagt inn her. Alarmtelefonen for barn og unge, { $number }, svarer hele døgnet.
# Whom to tell
crisis-tell = Jeg må si fra
crisis-tell-first = Si det til ungdommen først, hvis det er mulig og trygt.
crisis-route-now = Noen er i fare nå: gi den hjelpen som haster, og ring nødetatene når det må til for å hindre alvorlig skade.
crisis-route-now-law = Helsepersonelloven §§ 7 og 31
crisis-route-avert = Et alvorlig lovbrudd kan ennå hindres: si fra til politiet, eller hindre det på en annen måte. Plikten gjelder alle.
crisis-route-avert-law = Straffeloven § 196
crisis-route-welfare = Mishandling, alvorlig omsorgssvikt eller alvorlige atferdsvansker hos noen under 18 år: meld til barnevernet av eget tiltak. Haster det, ring barnevernvakta.
crisis-route-welfare-law = Helsepersonelloven § 33, barnevernsloven § 13-2
crisis-route-clinic = I egen klinikk: den som har vakt, lederen din, eller den som er utpekt til å ha ansvaret for slike meldinger.
crisis-route-clinic-law = Helsepersonelloven § 33
crisis-tell-secrecy = Plikten til å hindre og plikten til å melde går foran taushetsplikten.
crisis-tell-doubt = Samrom gir ikke råd om loven. Er du i tvil, spør den som har vakt.
# What was done
crisis-done = Hva er gjort?
crisis-done-text = Trykk når det er gjort, så noterer vi klokkeslettet. Du finner det igjen når du lukker timen.
crisis-did-opened = Åpnet «Hvis det haster»
crisis-did-told-her = Sa det til ungdommen først
crisis-did-adult = Ringte den voksne
crisis-did-emergency = Ringte { $number }
crisis-did-police = Ringte politiet, { $number }
crisis-did-doctor = Ringte legevakt, { $number }
crisis-did-child-welfare = Ringte barnevernvakta
crisis-did-told-child-welfare = Sa fra til barnevernet
crisis-did-told-clinic = Sa fra i klinikken
crisis-did-stayed = Ble i samtalen
crisis-undo = Angre
crisis-noted = Notert: { $what }, kl. { $time }.
crisis-undone = Tatt bort: { $what }.
crisis-waits = venter på linja
crisis-refused = ikke lagret
