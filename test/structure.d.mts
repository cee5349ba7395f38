export interface Structure {
  readonly files: readonly string[];
  readonly rooms: readonly {
    readonly name: string;
    readonly job: string;
    readonly doors: readonly string[];
    readonly imports: readonly string[];
    readonly types: readonly string[];
  }[];
}

export function readStructure(): Structure;
export function findOffences(structure: Structure): Readonly<Record<string, readonly string[]>>;
