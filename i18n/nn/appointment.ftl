# One appointment: seen, moved, held another way, called off.
appointment-title = Time
appointment-off = Timen er avlyst.
appointment-who = Kven
appointment-close = Lukk timen
appointment-correct = Sjå eller rett
appointment-move = Flytt
appointment-minutes = Minutt
appointment-move-now = Flytt timen
appointment-convert = Møtast på ein annan måte
appointment-cancel = Avlys
appointment-by = Kven passa det ikkje for?
appointment-why = Kva fekk du vite?
appointment-cancel-now = Avlys timen
appointment-messages = Meldingar
appointment-told = beskjed send
appointment-telling = beskjed på veg
appointment-in-doubt = usikkert om beskjeden kom fram
appointment-not-told = beskjeden vart ikkje send
appointment-untold = har ikkje fått beskjed
appointment-series = Avlys òg { $count ->
    [one] den siste timen
   *[other] dei { $count } neste timane
} i serien
