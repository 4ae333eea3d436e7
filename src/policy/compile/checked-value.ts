/** Throws where a check has let something through. */
export function checkedValue<T>(
  parsed: { kind: 'ok'; value: T } | { kind: 'wrong'; reason: string },
): T {
  if (parsed.kind === 'wrong')
    throw new Error(`unchecked text reached the compiler: ${parsed.reason}`);
  return parsed.value;
}
