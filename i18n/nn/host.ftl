# The same for those who lead the meeting.
host-title-waits = Nokon ventar
# The room
host-still-someone-came-in = Nokon kom inn hos { $name }. Lyd og bilete er av begge vegar.
host-confided = { $name } vil seie:
host-place = I dag seier { $name }: { $what }
host-door-note = Eg er åleine her, og døra er lukka.
host-gone-closed-fast = { $name } lukka fort.
host-gone-someone-came-in = Nokon kom inn hos { $name }. Lyd og bilete er av begge vegar. Ein telefon som ringjer no, kan røpe at de snakka.
host-agreed = De har avtalt: vent til { $time }, ikkje ring før.
host-agreed-no-call = De har avtalt: vent til { $time }.
host-left-15 = Under eit kvarter att
host-left-10 = Under ti minutt att
host-left-5 = Fem minutt å lande på
host-left-over = Tida er ute. Ingenting stoppar av seg sjølv.
# Hosts
host-assurance-link = ikkje stadfesta, har lenka
host-assurance-vouched = stadfesta av ein tilsett
host-assurance-signed-in = stadfesta, logga inn
host-lobby-away = borte frå sida akkurat no
host-lobby-not-yet = gjer klart …
host-lobby-bad = eininga kan ikkje stadfestast, og kan ikkje sleppast inn
host-lobby-under-way = på veg inn …
# Her yes
host-ask-first = Spør { $names }
host-her-not-here = Den som har timen, er ikkje inne no og kan ikkje spørjast. Då kan du ikkje sleppe inn ein forelder.
host-her-to-ask = { $names } blir spurd først, og ser kven som ventar. Den som ventar, får ikkje vite det.
host-her-asked = { $names } er spurd. Svaret kjem her.
host-her-say-first = { $names } vil avtale med deg kva som skal seiast først, og svarar etterpå.
host-her-not-today = { $names } seier: ikkje i dag. Berre { $names } kan gjere det om. Den som ventar, ser berre «ikkje enno».
host-her-yes = { $names } seier ja. Du kan sleppe inn.
host-her-yes-when-back = { $names } seier ja, men er ute av rommet. Slepp inn når { $names } er tilbake.
host-without-asked = { $name } er spurd om nokre minutt utan seg.
host-without-stays = { $name } blir, og har svart nei til nokre minutt utan seg.
host-without-agreed = { $name } har gått ut med eit ja. Dei som kom inn etter eit ja, kan bli til { $name } er tilbake.
host-rejected-she-decides = Her trengst eit ja først. Svaret står ved den som ventar.
host-rejected-she-is-not-here = Den som har timen, er ikkje inne no og kan ikkje spørjast.
