# When a clinician is away, and who reads requests meanwhile.
absence-link = Eg er borte
absence-title = Eg er borte
absence-text = Medan du er borte, les ein kollega det ungdommane dine spør om. Dei får vite kven det er.
absence-standing = Lagt inn
absence-when = Frå { $from } til og med { $to }
absence-deputy-is = { $name } les for deg
absence-end = Ta bort
absence-from = Første dag
absence-to = Siste dag
absence-deputy = Kven les for deg?
absence-send = Lagre
absence-nobody = Det er ingen kollega å velje enno. Ønske som ingen har sett i tide, blir lesne av alle som jobbar her.
absence-not-days = Skriv første og siste dag. Ingenting er lagra enno.
absence-not-backwards = Siste dag er før den første. Ingenting er lagra enno.
absence-not-past = Den tida er over. Vel dagar frå i dag av. Ingenting er lagra enno.
absence-not-long = Det er lengre enn eit år. Vel ei kortare tid. Ingenting er lagra enno.
absence-not-many = Det er lagt inn mange fråvær frå før. Ta bort eitt av dei først. Ingenting er lagra enno.
