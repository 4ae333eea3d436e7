/** A document could not be had. The message is ours and names the place; it quotes no content. */
export class DocumentError extends Error {
  override readonly name = 'DocumentError';
  /** True when the place exists and says that the document does not. */
  readonly isNotFound: boolean;

  constructor(message: string, options: { isNotFound?: boolean; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? {} : { cause: options.cause });
    this.isNotFound = options.isNotFound ?? false;
  }
}
