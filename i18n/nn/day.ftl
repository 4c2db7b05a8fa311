# The clinician's day.
day-title = Dagen min
day-waiting-heading = { $count ->
    [one] Éin ventar
   *[other] { $count } ventar
}
day-waiting-since = sidan { $time }
day-waiting-open = Gå til rommet
day-waiting-none = Ingen ventar no.
day-look-again = Sjå på nytt
day-list-heading = I dag
day-none = Ingen timar i dag.
day-show-name = Vis namn
day-state-planned = Planlagt
day-state-now = No
day-state-open = Open no
day-state-ended = Avslutta
day-open = Opne rommet
day-reopen = Opne igjen
day-reopen-which = Opne timen { $time } igjen
day-back-in = Tilbake til rommet
day-new-link = Ny lenke
day-new-link-for = Ny lenke til { $initials }
day-link-heading = Ny lenke
day-link-text = Lenka er til { $name }. Den førre verkar ikkje lenger.
day-link-once = Vi viser den nye berre no. Lukkar du sida, lagar du ei ny med eitt trykk.
day-link-message = Melding du kan sende
day-link-sms = Hei! Vi sjåast { $day } kl. { $time }. Kom gjerne litt før: { $link } – { $sign }
day-link-sms-unsigned = Hei! Vi sjåast { $day } kl. { $time }. Kom gjerne litt før: { $link }
day-link-without = Eller utan lenke, når andre kan lese meldinga
day-link-plain = Hei! Vi sjåast { $day } kl. { $time }. – { $sign }
day-link-plain-unsigned = Hei! Vi sjåast { $day } kl. { $time }.
day-link-code = Eller la telefonen lese koden
day-link-back = Tilbake til dagen
day-book = Ny time
day-change = Sjå eller endre
day-change-which = Sjå eller endre timen { $time }
day-state-cancelled = Avlyst
day-on-screen = På skjerm i dag: { $minutes } minutt.
day-not-closed = Ikkje lukka enno
day-late = Eg er fem minutt forseinka
day-ill = Eg er sjuk i dag
