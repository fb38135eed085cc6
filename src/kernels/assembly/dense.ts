// Dense linear algebra for EASE.
export function placeholder(): void {}
