export const TEST_FORMATS = ['text', 'junit', 'json'] as const;
export type TestFormat = (typeof TEST_FORMATS)[number];
