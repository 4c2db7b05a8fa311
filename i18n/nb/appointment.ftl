# One appointment: seen, moved, held another way, called off.
appointment-title = Time
appointment-off = Timen er avlyst.
appointment-who = Hvem
appointment-close = Lukk timen
appointment-correct = Se eller rett
appointment-move = Flytt
appointment-minutes = Minutter
appointment-move-now = Flytt timen
appointment-convert = Møtes på en annen måte
appointment-cancel = Avlys
appointment-by = Hvem passet det ikke for?
appointment-why = Hva fikk du vite?
appointment-cancel-now = Avlys timen
appointment-messages = Meldinger
appointment-told = beskjed sendt
appointment-telling = beskjed på vei
appointment-in-doubt = usikkert om beskjeden kom fram
appointment-not-told = beskjeden ble ikke sendt
appointment-untold = har ikke fått beskjed
appointment-series = Avlys også { $count ->
    [one] den siste timen
   *[other] de { $count } neste timene
} i serien
