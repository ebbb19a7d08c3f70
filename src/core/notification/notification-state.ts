// What became of a message.

/** In the order in which people look for them. */
export const notificationStates = ["given_up", "waiting", "partly_sent", "sent", "dropped"] as const;

/**
 * `waiting`: to be sent, or on its way · `sent` · `partly_sent`: some of its recipients were refused · `given_up`: refused, or tried too
 * often · `dropped`: what it tells of was over before it could be sent.
 */
export type NotificationState = (typeof notificationStates)[number];
