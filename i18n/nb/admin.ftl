# The administrator's pages: who works here, whom one works with, whom to call.
admin-link = Administrasjon
admin-title = Administrasjon
admin-back = Til administrasjonen
admin-more = Mer
admin-staff = De som jobber her
admin-new = Legg til en som jobber her
admin-no-role = Ingen rolle
admin-no-passkey = har ikke passnøkkel
admin-partners = De vi samarbeider med
admin-partners-text = Institusjoner, kommuner, skoler og andre som fagfolk og ansatte kommer fra.
admin-people-count = { $count ->
    [one] én person
   *[other] { $count } personer
}
admin-partner-new = Legg til en virksomhet
admin-partner-title = Virksomhet
admin-partner-text = De som kommer herfra som fagfolk eller ansatte. De får lenke til hver time og trenger ikke logge inn.
admin-partner-theirs = Denne virksomheten har sin egen administrator, som legger til og endrer.
admin-partner-nobody = Ingen er lagt til ennå.
admin-partner-person = Legg til en person herfra
admin-rename = Endre navn og slag
admin-place-name = Navn
admin-place-kind = Slags virksomhet
admin-kind-clinic = Klinikk
admin-kind-institution = Institusjon
admin-kind-municipality = Kommune
admin-kind-school = Skole
admin-kind-other = Annet
admin-member-title = Ansatt
admin-roles = Roller
admin-roles-save = Lagre rollene
admin-role-administrator = Legger inn folk og gir roller. Ser ingen ungdommer.
admin-role-clinician = Har ungdommer på lista, setter opp og holder timer.
admin-role-leader = Som behandler.
admin-role-care-worker = Er med i timer. Har ingen liste.
admin-role-support = Hjelper med teknikken. Har ingen liste.
admin-access = Tilgang
admin-passkeys = { $count ->
    [0] Har ingen passnøkkel.
    [one] Har én passnøkkel.
   *[other] Har { $count } passnøkler.
}
admin-sign-ins = { $count ->
    [0] Er ikke logget inn.
    [one] Er logget inn ett sted.
   *[other] Er logget inn { $count } steder.
}
admin-link-waits = En lenke som ikke er brukt, virker til { $day } kl. { $time }.
admin-link-text = Med en engangslenke lager personen passnøkkelen sin: den første, eller en ny for en som er mistet. En ny lenke gjør eldre lenker ubrukelige.
admin-link-keep = La passnøklene som finnes fra før, virke fortsatt
admin-link-make = Lag engangslenke
admin-link-title = Engangslenke
admin-link-for = Til { $name }.
admin-link-until = Lenken virker til { $day } kl. { $time }, og bare én gang.
admin-link-once = Vi viser den bare nå.
admin-link-label = Lenken
admin-link-hand = Gi den ansikt til ansikt, eller på en måte som bare personen leser. Den som har lenken, kan logge inn som personen.
admin-link-ends = Når den er brukt, slutter eldre passnøkler og innlogginger å virke.
admin-link-keeps = Passnøklene som finnes fra før, virker fortsatt.
admin-link-back = Tilbake til personen
admin-change = Endre navn, språk og meldinger
admin-end-fold = Logg ut eller avslutt tilgangen
admin-sign-out-text = Logger personen ut overalt. Passnøklene virker fortsatt. Den som er inne i et møte, kommer ut.
admin-sign-out = Logg ut overalt
admin-end-text = Alt slutter med en gang: passnøkler, innlogginger, lenker og roller. Navnet blir stående, og du kan gi ny tilgang senere.
admin-end = Avslutt tilgangen
admin-alone = { $count ->
    [one] Én ungdom har ingen annen ansvarlig. Slutter personen, kan en kollega overta. Du ser ikke hvem det er.
   *[other] { $count } ungdommer har ingen annen ansvarlig. Slutter personen, kan en kollega overta. Du ser ikke hvem det er.
}
admin-list-to = Kollega som overtar
admin-list-give = Gi ansvaret til kollegaen
admin-helplines = Telefonnumre og egne tekster
admin-helplines-text = Står et felt tomt, viser vi det som gjelder ellers. Numrene står på forsiden, på hjelpesiden og på siden etter timen. Politiet og den som har vakt, står bare hos behandlerne, under «Hvis det haster».
admin-number = Nummer
admin-hours = Når noen svarer
admin-line-child-line = Alarmtelefonen for barn og unge
admin-line-doctor = Legevakt
admin-line-emergency = Fare for liv
admin-line-police = Politiet
admin-line-child-welfare = Barnevernvakta der dere er
admin-line-clinic = Oss
admin-line-duty = Den som har vakt hos oss
admin-line-support = Hjelp med teknikken
admin-says = Egne tekster
admin-says-text = Høyst 280 tegn, bare tekst. Mangler nynorsk eller engelsk, viser vi bokmål.
admin-says-out-of-hours = Når noen trenger hjelp utenom åpningstida
admin-says-requests-read = Når beskjeder blir lest
admin-log = Hvem fikk tilgang
admin-log-text = De siste endringene i roller og tilgang. Her står ingenting om ungdommer.
admin-log-none = Ingen endringer ennå.
admin-log-when = { $day } kl. { $time }
admin-log-operator = driften
admin-log-role-granted = Fikk rolle
admin-log-role-ended = Rolle avsluttet
admin-log-link-made = Engangslenke laget
admin-log-link-used = Engangslenke brukt
admin-log-link-revoked = Engangslenke tatt bort
admin-log-passkey-added = Passnøkkel laget
admin-log-passkey-removed = Passnøkkel fjernet
admin-log-organization-added = Virksomhet lagt til
admin-log-organization-changed = Virksomhet endret
admin-log-helplines = Numre eller tekster endret
admin-not-name = Skriv et navn med høyst 120 tegn, uten tegn som < og >.
admin-not-kind = Velg slags virksomhet.
admin-not-last = Da ville ingen lenger være administrator her. Gi en annen rollen først.
admin-not-elsewhere = Personen har en rolle i en annen virksomhet også. Be dem som drifter Samrom, om å lage lenken.
admin-not-number = Skriv et nummer som kan ringes, med bare siffer og mellomrom.
admin-not-short = Teksten er for lang.
admin-not-plain = Teksten kan ikke ha linjeskift eller tegn som < og >.
