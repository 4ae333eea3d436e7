import type { IssueCode } from '../issues/issue-codes.ts';

/** Why a certificate or key cannot be used: a code and the rest of a sentence about the file. */
export interface PemTrouble {
  readonly code: IssueCode;
  readonly reason: string;
  /** The command that makes of the file what is wanted. */
  readonly convert?: (file: string) => string;
}
