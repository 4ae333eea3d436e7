/** File below test/ → exact title of a test, or of a row of its table → keys whose effect it shows, with spaces between. */
export type Effects = Readonly<Record<string, Readonly<Record<string, string>>>>;
