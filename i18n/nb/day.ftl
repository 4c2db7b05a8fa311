# The clinician's day.
day-title = Dagen min
day-waiting-heading = { $count ->
    [one] Én venter
   *[other] { $count } venter
}
day-waiting-since = siden { $time }
day-waiting-open = Gå til rommet
day-waiting-none = Ingen venter nå.
day-look-again = Se på nytt
day-list-heading = I dag
day-none = Ingen timer i dag.
day-show-name = Vis navn
day-state-planned = Planlagt
day-state-now = Nå
day-state-open = Åpen nå
day-state-ended = Avsluttet
day-open = Åpne rommet
day-reopen = Åpne igjen
day-reopen-which = Åpne timen { $time } igjen
day-back-in = Tilbake til rommet
day-new-link = Ny lenke
day-new-link-for = Ny lenke til { $initials }
day-link-heading = Ny lenke
day-link-text = Lenken er til { $name }. Den forrige virker ikke lenger.
day-link-once = Vi viser den nye bare nå. Lukker du siden, lager du en ny med ett trykk.
day-link-message = Melding du kan sende
day-link-sms = Hei! Vi sees { $day } kl. { $time }. Kom gjerne litt før: { $link } – { $sign }
day-link-sms-unsigned = Hei! Vi sees { $day } kl. { $time }. Kom gjerne litt før: { $link }
day-link-without = Eller uten lenke, når andre kan lese meldingen
day-link-plain = Hei! Vi sees { $day } kl. { $time }. – { $sign }
day-link-plain-unsigned = Hei! Vi sees { $day } kl. { $time }.
day-link-code = Eller la telefonen lese koden
day-link-back = Tilbake til dagen
day-book = Ny time
day-change = Se eller endre
day-change-which = Se eller endre timen { $time }
day-state-cancelled = Avlyst
day-on-screen = På skjerm i dag: { $minutes } minutter.
day-not-closed = Ikke lukket ennå
day-late = Jeg er fem minutter forsinket
day-ill = Jeg er syk i dag
