# The same for those who lead the meeting.
host-title-waits = Noen venter
# The room
host-still-someone-came-in = Noen kom inn hos { $name }. Lyd og bilde er av begge veier.
host-confided = { $name } vil si:
host-place = I dag sier { $name }: { $what }
host-door-note = Jeg er alene her, og døra er lukket.
host-gone-closed-fast = { $name } lukket fort.
host-gone-someone-came-in = Noen kom inn hos { $name }. Lyd og bilde er av begge veier. En telefon som ringer nå, kan røpe at dere snakket.
host-agreed = Dere har avtalt: vent til { $time }, ikke ring før.
host-agreed-no-call = Dere har avtalt: vent til { $time }.
host-left-15 = Under et kvarter igjen
host-left-10 = Under ti minutter igjen
host-left-5 = Fem minutter å lande på
host-left-over = Tiden er ute. Ingenting stopper av seg selv.
# Hosts
host-assurance-link = ikke bekreftet, har lenken
host-assurance-vouched = bekreftet av en ansatt
host-assurance-signed-in = bekreftet, logget inn
host-lobby-away = borte fra siden akkurat nå
host-lobby-not-yet = gjør klart …
host-lobby-bad = enheten kan ikke bekreftes, og kan ikke slippes inn
host-lobby-under-way = på vei inn …
# Her yes
host-ask-first = Spør { $names }
host-her-not-here = Den som har timen, er ikke inne nå og kan ikke spørres. Da kan du ikke slippe inn en forelder.
host-her-to-ask = { $names } blir spurt først, og ser hvem som venter. Den som venter, får ikke vite det.
host-her-asked = { $names } er spurt. Svaret kommer her.
host-her-say-first = { $names } vil avtale med deg hva som skal sies først, og svarer etterpå.
host-her-not-today = { $names } sier: ikke i dag. Bare { $names } kan gjøre det om. Den som venter, ser bare «ikke ennå».
host-her-yes = { $names } sier ja. Du kan slippe inn.
host-her-yes-when-back = { $names } sier ja, men er ute av rommet. Slipp inn når { $names } er tilbake.
host-without-asked = { $name } er spurt om noen minutter uten seg.
host-without-stays = { $name } blir, og har svart nei til noen minutter uten seg.
host-without-agreed = { $name } har gått ut med et ja. De som kom inn etter et ja, kan bli til { $name } er tilbake.
host-rejected-she-decides = Her trengs et ja først. Svaret står ved den som venter.
host-rejected-she-is-not-here = Den som har timen, er ikke inne nå og kan ikke spørres.
