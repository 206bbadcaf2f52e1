export interface Tables {
  /** When each piece of recurring work may be done next. */
  recurring_work: { name: string; due_at: Date };
}
