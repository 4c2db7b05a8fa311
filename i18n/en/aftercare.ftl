# The page one lands on after the talk.
aftercare-heading = Done for today
aftercare-time = Take your time. You can stay on this page as long as you like.
aftercare-closed = Sound and picture are off. Nobody sees or hears you now.
aftercare-numbers = Would you like to talk to someone?
aftercare-child-line = The emergency line for children and young people, day and night
aftercare-doctor = Out-of-hours doctor
aftercare-emergency = Danger to life
aftercare-back = Did you come here by mistake? Open the link in your message again.
aftercare-to-day = Back to my day
aftercare-return = Did you leave by mistake? Go back
aftercare-not-now-heading = Not now is perfectly fine
aftercare-not-now-unseen = Nobody has seen or heard you, and you need not explain.
aftercare-not-now-return = Would you like to come in after all? Go back
