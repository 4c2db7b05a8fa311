# The rest of an hour by telephone, for its hosts; and the sentence on her own page.
telephone-title = Telefon
telephone-lead = Sviktar linja, kan de ta resten av timen på telefon. Det er den same timen.
telephone-agreed = De har avtalt for når linja blir borte: vent { $minutes } minutt.
telephone-not-agreed = Det er ingen avtale å vise her om kva de gjer når linja blir borte.
telephone-not-before = Kom nokon inn hos ungdomen, eller vart det lukka fort: ikkje ring før tida de har avtalt. Ein telefon som ringjer, kan røpe at de snakka.
telephone-hers = Ungdomen
telephone-missing = Det er ikkje lagt inn noko telefonnummer til ungdomen.
telephone-protected = Adressa er gradert. Nummeret blir berre vist for dei som har ansvaret for ungdomen.
telephone-agreed-otherwise = Det er avtalt noko anna enn å ringje ungdomen. Spør den som har ansvaret.
telephone-quiet-until = De har avtalt: vent til { $time }, ikkje ring før.
telephone-quiet = Ikkje ring no. Det har de ikkje avtalt for dette.
telephone-text = Trykk når de går over, så noterer vi klokkeslettet. Du finn det igjen når du lukkar timen.
telephone-now = Vi tek resten på telefon
telephone-noted = Notert: resten er på telefon frå kl. { $time }.
telephone-undone = Teke bort: resten er ikkje på telefon.
telephone-may-ring = Kjem ikkje linja tilbake, kan det hende at { $name } ringjer deg.
