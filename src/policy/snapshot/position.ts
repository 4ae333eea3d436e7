export interface SourcePosition {
  /** Path as shown to the user, relative to where the command was run. */
  readonly file: string;
  readonly line: number;
  readonly column: number;
}
