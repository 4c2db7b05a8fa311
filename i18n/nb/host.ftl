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
# Hosts
host-assurance-link = ikke bekreftet, har lenken
host-assurance-vouched = bekreftet av en ansatt
host-assurance-signed-in = bekreftet, logget inn
host-lobby-away = borte fra siden akkurat nå
host-lobby-not-yet = gjør klart …
host-lobby-bad = enheten kan ikke bekreftes, og kan ikke slippes inn
host-lobby-under-way = på vei inn …
