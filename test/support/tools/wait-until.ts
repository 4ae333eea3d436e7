/** Polls until the condition holds; fails with its name after `limitMs`. For events without a hook. */
export async function waitUntil(
  name: string,
  condition: () => boolean | Promise<boolean>,
  limitMs = 5_000,
): Promise<void> {
  const end = performance.now() + limitMs;
  while (!(await condition())) {
    if (performance.now() > end) throw new Error(`waited ${limitMs} ms in vain for: ${name}`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}
