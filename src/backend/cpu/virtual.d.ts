/** The AssemblyScript of ./assembly, compiled by kernelsPlugin.mjs. */
declare module 'virtual:cpu-kernels' {
  export const kernelsBase64: string;
}
