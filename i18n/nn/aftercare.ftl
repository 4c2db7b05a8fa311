# The page one lands on after the talk.
aftercare-heading = Ferdig for i dag
aftercare-time = Ta deg tid. Du kan bli på sida så lenge du vil.
aftercare-closed = Lyd og bilete er av. Ingen ser eller høyrer deg no.
aftercare-numbers = Vil du snakke med nokon?
aftercare-child-line = Alarmtelefonen for barn og unge, heile døgnet
aftercare-doctor = Legevakt
aftercare-emergency = Fare for liv
aftercare-back = Kom du hit ved ein feil? Opne lenka i meldinga di på nytt.
aftercare-to-day = Tilbake til dagen min
aftercare-return = Gjekk du ut ved ein feil? Gå tilbake
aftercare-not-now-heading = Ikkje no er heilt greitt
aftercare-not-now-unseen = Ingen har sett eller høyrt deg, og du treng ikkje forklare det.
aftercare-not-now-return = Vil du inn likevel? Gå tilbake
