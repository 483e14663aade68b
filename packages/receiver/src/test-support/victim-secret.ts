export const victimSecret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
