# I am ill today: the rest of the day in one form.
ill-heading = I am ill today
ill-text = Choose what is to happen with each appointment that is left today.
ill-nothing = You have no appointments left today.
ill-cancel = Call off
ill-phone = Take it by telephone
ill-hand = Hand it over to { $name }
ill-leave = Leave it as it is
ill-do = Change the appointments
ill-cancelled = Called off.
ill-by-phone = By telephone.
ill-handed = Handed over.
ill-left = As before.
ill-not-free = Your colleague is taken then. The appointment stands as before.
ill-well = Get well soon.
