# What a young person asks for, and the page of those who may read it.
request-heading = Er det noko du vil?
request-back = Tilbake
request-own = Det du har spurt om
request-more = Spør om noko meir
request-office = Dette blir lese på kvardagar mellom { $from } og { $to }.
request-reader = { $name } les det.
request-reader-away = { $name } er borte no. { $deputy } les det i staden.
request-reader-team = Dei som jobbar her, les det.
request-team = Har ingen sett det før { $moment }, les dei andre som jobbar her, det òg.
request-moment = { $day } kl. { $time }
request-not-now = Treng du nokon no? Ikkje vent på svar her. Ring:
request-what = Kva vil du?
request-wish-extra = Ein ekstra samtale
request-wish-meet = Heller møtast enn på skjerm
request-wish-time = Ei anna tid
request-line = Vil du seie noko meir?
request-line-help = Éi kort linje. Du kan la ho stå tom.
request-may-ring = Det er greitt at de ringjer meg
request-send = Send
request-not-wish = Vel kva du vil. Ingenting er sendt enno, og det du skreiv, står her.
request-not-long = Det vart litt langt: { $written } teikn, og det er plass til { $most }. Ingenting er borte. Gjer det litt kortare, og sei resten når de snakkast.
request-not-many = Du har spurt om { $most } ting som ikkje er svara på. Dei er ikkje gløymde. Vent på svar, eller ta tilbake éin av dei.
request-own-asked = Sendt, ikkje lese enno. Har ingen sett det før { $moment }, les dei andre som jobbar her, det òg.
request-own-team = Sendt, ikkje lese enno. Alle som jobbar her, kan lese det no.
request-own-ring = Sett av { $name }, som ringjer deg.
request-own-book = Sett av { $name }, som finn ein time til deg.
request-own-answered = Svara på av { $name }.
request-own-withdrawn = Du tok det tilbake.
request-withdraw = Ta tilbake
request-instead = Timen { $day } kl. { $time } er avlyst. { $name } snakkar då med vaksne rundt deg. Du kan spørje { $name } kva dei snakkar om.
request-link = Er det noko du vil? Spør her
request-ring-me = Eg vil heller bli ringd opp
request-other-time = Eg vil heller ha ei anna tid
request-meet = Eg vil heller møtast
request-title = Ønske
request-list = Ønske
request-says = { $count ->
    [one] Eitt ønske er ikkje lese.
   *[other] { $count } ønske er ikkje lesne.
}
request-unread = Ikkje lese
request-open = Les
request-age-now = no nettopp
request-age-minutes = { $count ->
    [one] for eitt minutt sidan
   *[other] for { $count } minutt sidan
}
request-age-hours = { $count ->
    [one] for éin time sidan
   *[other] for { $count } timar sidan
}
request-age-days = { $count ->
    [one] for éin dag sidan
   *[other] for { $count } dagar sidan
}
request-why-deputy = Du les for { $name }
request-why-team = Ope for alle her: ingen har sett det i tide
request-from = Frå
request-sent = Sendt
request-her-line = Med eigne ord
request-ring = Ringje
request-ring-yes = Det er greitt å ringje
request-ring-no = Ikkje ring: det er ikkje sagt at det er greitt
request-so-far = Så langt
request-seen = Sett av { $name }
request-seen-ring = Sett av { $name }: ringjer
request-seen-book = Sett av { $name }: finn ein time
request-answer = Svar
request-answer-help = Ungdomen ser at det er sett, fornamnet ditt og kva som kjem.
request-do-ring = Svar: eg ringjer
request-do-book = Svar: det kjem ein time
request-do-answered = Merk som svara på
request-book = Set opp ein time
request-closed = Dette er svara på eller teke tilbake.
request-not-open = Det vart svara på eller teke tilbake imens. Ingenting av ditt vart lagra.
