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
# Hosts
host-assurance-link = ikkje stadfesta, har lenka
host-assurance-vouched = stadfesta av ein tilsett
host-assurance-signed-in = stadfesta, logga inn
host-lobby-away = borte frå sida akkurat no
host-lobby-not-yet = gjer klart …
host-lobby-bad = eininga kan ikkje stadfestast, og kan ikkje sleppast inn
host-lobby-under-way = på veg inn …
