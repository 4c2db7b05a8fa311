# The rest of an hour by telephone, for its hosts; and the sentence on her own page.
telephone-title = Telefon
telephone-lead = Svikter linja, kan dere ta resten av timen på telefon. Det er den samme timen.
telephone-agreed = Dere har avtalt for når linja blir borte: vent { $minutes } minutter.
telephone-not-agreed = Det er ingen avtale å vise her om hva dere gjør når linja blir borte.
telephone-not-before = Kom noen inn hos ungdommen, eller ble det lukket fort: ikke ring før tiden dere har avtalt. En telefon som ringer, kan røpe at dere snakket.
telephone-hers = Ungdommen
telephone-missing = Det er ikke lagt inn noe telefonnummer til ungdommen.
telephone-protected = Adressen er gradert. Nummeret vises bare for dem som har ansvaret for ungdommen.
telephone-agreed-otherwise = Det er avtalt noe annet enn å ringe ungdommen. Spør den som har ansvaret.
telephone-quiet-until = Dere har avtalt: vent til { $time }, ikke ring før.
telephone-quiet = Ikke ring nå. Det har dere ikke avtalt for dette.
telephone-text = Trykk når dere går over, så noterer vi klokkeslettet. Du finner det igjen når du lukker timen.
telephone-now = Vi tar resten på telefon
telephone-noted = Notert: resten er på telefon fra kl. { $time }.
telephone-undone = Tatt bort: resten er ikke på telefon.
telephone-may-ring = Kommer ikke linja tilbake, kan det hende at { $name } ringer deg.
