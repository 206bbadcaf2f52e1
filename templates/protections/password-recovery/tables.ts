export interface Tables {
  /** Links that were mailed. One for each user: a newer one cancels it. */
  password_resets: {
    user_id: string;
    /** SHA-256. The token itself stands in the mail and nowhere else. */
    token_digest: Buffer;
    expires_at: Date;
  };
}
