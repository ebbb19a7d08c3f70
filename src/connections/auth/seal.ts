// Defines how secrets are sealed before they come to the store.

/** Encrypts what the store keeps. */
export interface SecretSeal {
  /** @param purpose what it is for; the same is needed to open it */
  seal(secret: string, purpose: string): string;
  /** @throws MillraceError `SECRET_UNREADABLE` with another key, or for a text that was changed */
  open(sealed: string, purpose: string): string;
}

/** One with several keys, of which the newest one seals. */
export interface RenewableSeal extends SecretSeal {
  /** The same secret under the newest key; `undefined` when that is what it is under. @throws MillraceError as `open` */
  renew(sealed: string, purpose: string): string | undefined;
}
