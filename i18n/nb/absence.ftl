# When a clinician is away, and who reads requests meanwhile.
absence-link = Jeg er borte
absence-title = Jeg er borte
absence-text = Mens du er borte, leser en kollega det ungdommene dine spør om. De får vite hvem det er.
absence-standing = Lagt inn
absence-when = Fra { $from } til og med { $to }
absence-deputy-is = { $name } leser for deg
absence-end = Ta bort
absence-from = Første dag
absence-to = Siste dag
absence-deputy = Hvem leser for deg?
absence-send = Lagre
absence-nobody = Det er ingen kollega å velge ennå. Ønsker som ingen har sett i tide, leses av alle som jobber her.
absence-not-days = Skriv første og siste dag. Ingenting er lagret ennå.
absence-not-backwards = Siste dag er før den første. Ingenting er lagret ennå.
absence-not-past = Den tiden er over. Velg dager fra i dag av. Ingenting er lagret ennå.
absence-not-long = Det er lengre enn et år. Velg en kortere tid. Ingenting er lagret ennå.
absence-not-many = Det er lagt inn mange fravær fra før. Ta bort et av dem først. Ingenting er lagret ennå.
