# What a young person asks for, and the page of those who may read it.
request-heading = Er det noe du vil?
request-back = Tilbake
request-own = Det du har spurt om
request-more = Spør om noe mer
request-office = Dette leses på hverdager mellom { $from } og { $to }.
request-reader = { $name } leser det.
request-reader-away = { $name } er borte nå. { $deputy } leser det i stedet.
request-reader-team = De som jobber her, leser det.
request-team = Har ingen sett det før { $moment }, leser de andre som jobber her, det også.
request-moment = { $day } kl. { $time }
request-not-now = Trenger du noen nå? Ikke vent på svar her. Ring:
request-what = Hva vil du?
request-wish-extra = En ekstra samtale
request-wish-meet = Heller møtes enn på skjerm
request-wish-time = En annen tid
request-line = Vil du si noe mer?
request-line-help = Én kort linje. Du kan la den stå tom.
request-may-ring = Det er greit at dere ringer meg
request-send = Send
request-not-wish = Velg hva du vil. Ingenting er sendt ennå, og det du skrev, står her.
request-not-long = Det ble litt langt: { $written } tegn, og det er plass til { $most }. Ingenting er borte. Gjør det litt kortere, og si resten når dere snakkes.
request-not-many = Du har spurt om { $most } ting som ikke er besvart. De er ikke glemt. Vent på svar, eller ta tilbake én av dem.
request-own-asked = Sendt, ikke lest ennå. Har ingen sett det før { $moment }, leser de andre som jobber her, det også.
request-own-team = Sendt, ikke lest ennå. Alle som jobber her, kan lese det nå.
request-own-ring = Sett av { $name }, som ringer deg.
request-own-book = Sett av { $name }, som finner en time til deg.
request-own-answered = Besvart av { $name }.
request-own-withdrawn = Du tok det tilbake.
request-withdraw = Ta tilbake
request-instead = Timen { $day } kl. { $time } er avlyst. { $name } snakker da med voksne rundt deg. Du kan spørre { $name } hva de snakker om.
request-link = Er det noe du vil? Spør her
request-ring-me = Jeg vil heller bli ringt opp
request-other-time = Jeg vil heller ha en annen tid
request-meet = Jeg vil heller møtes
request-title = Ønske
request-list = Ønsker
request-says = { $count ->
    [one] Ett ønske er ikke lest.
   *[other] { $count } ønsker er ikke lest.
}
request-unread = Ikke lest
request-open = Les
request-age-now = nå nettopp
request-age-minutes = { $count ->
    [one] for ett minutt siden
   *[other] for { $count } minutter siden
}
request-age-hours = { $count ->
    [one] for én time siden
   *[other] for { $count } timer siden
}
request-age-days = { $count ->
    [one] for én dag siden
   *[other] for { $count } dager siden
}
request-why-deputy = Du leser for { $name }
request-why-team = Åpent for alle her: ingen har sett det i tide
request-from = Fra
request-sent = Sendt
request-her-line = Med egne ord
request-ring = Ringe
request-ring-yes = Det er greit å ringe
request-ring-no = Ikke ring: det er ikke sagt at det er greit
request-so-far = Så langt
request-seen = Sett av { $name }
request-seen-ring = Sett av { $name }: ringer
request-seen-book = Sett av { $name }: finner en time
request-answer = Svar
request-answer-help = Ungdommen ser at det er sett, fornavnet ditt og hva som kommer.
request-do-ring = Svar: jeg ringer
request-do-book = Svar: det kommer en time
request-do-answered = Merk som besvart
request-book = Sett opp en time
request-closed = Dette er besvart eller tatt tilbake.
request-not-open = Det ble besvart eller tatt tilbake imens. Ingenting av ditt ble lagret.
