# The page one lands on after the talk.
aftercare-heading = Ferdig for i dag
aftercare-time = Ta deg tid. Du kan bli på siden så lenge du vil.
aftercare-closed = Lyd og bilde er av. Ingen ser eller hører deg nå.
aftercare-numbers = Vil du snakke med noen?
aftercare-child-line = Alarmtelefonen for barn og unge, hele døgnet
aftercare-doctor = Legevakt
aftercare-emergency = Fare for liv
aftercare-back = Kom du hit ved en feil? Åpne lenken i meldingen din på nytt.
aftercare-to-day = Tilbake til dagen min
aftercare-return = Gikk du ut ved en feil? Gå tilbake
aftercare-not-now-heading = Ikke nå er helt greit
aftercare-not-now-unseen = Ingen har sett eller hørt deg, og du trenger ikke forklare det.
aftercare-not-now-return = Vil du inn likevel? Gå tilbake
