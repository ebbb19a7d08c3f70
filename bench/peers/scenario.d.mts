// Types of scenario.mjs for the benches that are TypeScript.
export declare function oneByOne(count: number, send: (started: () => void) => Promise<void>): Promise<number[]>;
export declare function shapeOf(name: string, count: number): readonly (readonly [string, readonly string[]])[];
