// The clock of every screen: that of the reader's machine. Screens that can show another one name it.

/** Name of the zone, such as `Europe/Berlin`. */
export function readerZone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone;
}
