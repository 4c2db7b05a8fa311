# The administrator's pages: who works here, whom one works with, whom to call.
admin-link = Administrasjon
admin-title = Administrasjon
admin-back = Til administrasjonen
admin-more = Meir
admin-staff = Dei som jobbar her
admin-new = Legg til ein som jobbar her
admin-no-role = Inga rolle
admin-no-passkey = har ikkje passnøkkel
admin-partners = Dei vi samarbeider med
admin-partners-text = Institusjonar, kommunar, skular og andre som fagfolk og tilsette kjem frå.
admin-people-count = { $count ->
    [one] éin person
   *[other] { $count } personar
}
admin-partner-new = Legg til ei verksemd
admin-partner-title = Verksemd
admin-partner-text = Dei som kjem herifrå som fagfolk eller tilsette. Dei får lenke til kvar time og treng ikkje logge inn.
admin-partner-theirs = Denne verksemda har sin eigen administrator, som legg til og endrar.
admin-partner-nobody = Ingen er lagde til enno.
admin-partner-person = Legg til ein person herifrå
admin-rename = Endre namn og slag
admin-place-name = Namn
admin-place-kind = Slags verksemd
admin-kind-clinic = Klinikk
admin-kind-institution = Institusjon
admin-kind-municipality = Kommune
admin-kind-school = Skule
admin-kind-other = Anna
admin-member-title = Tilsett
admin-roles = Roller
admin-roles-save = Lagre rollene
admin-role-administrator = Legg inn folk og gir roller. Ser ingen ungdommar.
admin-role-clinician = Har ungdommar på lista, set opp og held timar.
admin-role-leader = Som behandlar.
admin-role-care-worker = Er med i timar. Har inga liste.
admin-role-support = Hjelper med teknikken. Har inga liste.
admin-access = Tilgang
admin-passkeys = { $count ->
    [0] Har ingen passnøkkel.
    [one] Har éin passnøkkel.
   *[other] Har { $count } passnøklar.
}
admin-sign-ins = { $count ->
    [0] Er ikkje logga inn.
    [one] Er logga inn éin stad.
   *[other] Er logga inn { $count } stader.
}
admin-link-waits = Ei lenke som ikkje er brukt, verkar til { $day } kl. { $time }.
admin-link-text = Med ei eingongslenke lagar personen passnøkkelen sin: den første, eller ein ny for ein som er mista. Ei ny lenke gjer eldre lenker ubrukelege.
admin-link-keep = La passnøklane som finst frå før, verke framleis
admin-link-make = Lag eingongslenke
admin-link-title = Eingongslenke
admin-link-for = Til { $name }.
admin-link-until = Lenka verkar til { $day } kl. { $time }, og berre éin gong.
admin-link-once = Vi viser ho berre no.
admin-link-label = Lenka
admin-link-hand = Gi ho andlet til andlet, eller på ein måte som berre personen les. Den som har lenka, kan logge inn som personen.
admin-link-ends = Når ho er brukt, sluttar eldre passnøklar og innloggingar å verke.
admin-link-keeps = Passnøklane som finst frå før, verkar framleis.
admin-link-back = Tilbake til personen
admin-change = Endre namn, språk og meldingar
admin-end-fold = Logg ut eller avslutt tilgangen
admin-sign-out-text = Loggar personen ut overalt. Passnøklane verkar framleis. Den som er inne i eit møte, kjem ut.
admin-sign-out = Logg ut overalt
admin-end-text = Alt sluttar med ein gong: passnøklar, innloggingar, lenker og roller. Namnet blir ståande, og du kan gi ny tilgang seinare.
admin-end = Avslutt tilgangen
admin-alone = { $count ->
    [one] Éin ungdom har ingen annan ansvarleg. Sluttar personen, kan ein kollega ta over. Du ser ikkje kven det er.
   *[other] { $count } ungdommar har ingen annan ansvarleg. Sluttar personen, kan ein kollega ta over. Du ser ikkje kven det er.
}
admin-list-to = Kollega som tek over
admin-list-give = Gi ansvaret til kollegaen
admin-helplines = Telefonnummer og eigne tekstar
admin-helplines-text = Står eit felt tomt, viser vi det som gjeld elles. Nummera står på framsida, på hjelpesida og på sida etter timen. Politiet og den som har vakt, står berre hos behandlarane, under «Om det hastar».
admin-number = Nummer
admin-hours = Når nokon svarar
admin-line-child-line = Alarmtelefonen for barn og unge
admin-line-doctor = Legevakt
admin-line-emergency = Fare for liv
admin-line-police = Politiet
admin-line-child-welfare = Barnevernsvakta der de er
admin-line-clinic = Oss
admin-line-duty = Den som har vakt hos oss
admin-line-support = Hjelp med teknikken
admin-says = Eigne tekstar
admin-says-text = Høgst 280 teikn, berre tekst. Manglar nynorsk eller engelsk, viser vi bokmål.
admin-says-out-of-hours = Når nokon treng hjelp utanom opningstida
admin-says-requests-read = Når beskjedar blir lesne
admin-log = Kven fekk tilgang
admin-log-text = Dei siste endringane i roller og tilgang. Her står ingenting om ungdommar.
admin-log-none = Ingen endringar enno.
admin-log-when = { $day } kl. { $time }
admin-log-operator = drifta
admin-log-role-granted = Fekk rolle
admin-log-role-ended = Rolle avslutta
admin-log-link-made = Eingongslenke laga
admin-log-link-used = Eingongslenke brukt
admin-log-link-revoked = Eingongslenke teken bort
admin-log-passkey-added = Passnøkkel laga
admin-log-passkey-removed = Passnøkkel fjerna
admin-log-organization-added = Verksemd lagd til
admin-log-organization-changed = Verksemd endra
admin-log-helplines = Nummer eller tekstar endra
admin-not-name = Skriv eit namn med høgst 120 teikn, utan teikn som < og >.
admin-not-kind = Vel slags verksemd.
admin-not-last = Då ville ingen lenger vere administrator her. Gi ein annan rolla først.
admin-not-elsewhere = Personen har ei rolle i ei anna verksemd òg. Be dei som driftar Samrom, om å lage lenka.
admin-not-number = Skriv eit nummer som kan ringjast, med berre siffer og mellomrom.
admin-not-short = Teksten er for lang.
admin-not-plain = Teksten kan ikkje ha linjeskift eller teikn som < og >.
