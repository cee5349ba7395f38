import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ResourceType, WgslReflect } from 'wgsl_reflect';
import { lowerProgram, lowerOp } from '../../../src/backend/webgpu/lowering.ts';
import type { Kernel, UniformStruct } from '../../../src/backend/webgpu/kernel.ts';
import { DispatchBuilder } from '../../../src/backend/webgpu/dispatchBuilder.ts';
import { shaderText } from '../../../src/backend/webgpu/pipelines.ts';
import { stepUniforms } from '../../../src/backend/webgpu/stepRing.ts';
import { gpuTuning, softwareQuadTuning, softwareTuning } from '../../../src/backend/webgpu/tuning.ts';
import { buildModel } from '../../../src/model/model.ts';
import { approximateActivations } from '../../../src/program/approximateActivations.ts';
import { streamGradients } from '../../../src/program/streamGradients.ts';
import { computedSpec } from '../../support/computedModel.ts';
import { sketchCases } from './sketchCases.ts';
import { OpBench } from './support.ts';
import {
  adagrad,
  adam,
  amsgrad,
  dlrmSpec,
  factorizationSpec,
  storagesSpec,
  sgd,
} from '../../support/tinyModel.ts';

/** Values that ops give to numeric overrides; the default of THREADS is what they give it. */
const overrideValues: Readonly<Record<string, readonly number[]>> = {
  BITS: [4, 8, 16],
  LANES: [1, 4, 16, 64],
  LEFT_QUADS: [8],
  PRODUCTS: [1, 2],
  RIGHT_QUADS: [4],
  TILE_M: [32, 64],
  TILE_N: [32],
};

interface Variant {
  readonly shader: string;
  readonly variant: Readonly<Record<string, string>>;
}

const sources = import.meta.glob<string>('/shaders/*.wgsl', {
  query: '?raw',
  import: 'default',
  eager: true,
});
const names = Object.keys(sources).map((path) => path.replace(/^\/shaders\/(.+)\.wgsl$/, '$1'));

/** A shader with every choice of its `#include "stem_$key.wgsl"`s. */
function variantsOf(shader: string): readonly Variant[] {
  const includes = sources[`/shaders/${shader}.wgsl`].matchAll(/#include "(\w+)_\$(\w+)\.wgsl"/g);
  let variants: readonly Variant[] = [{ shader, variant: {} }];
  for (const [, stem, key] of includes) {
    const choices = names.filter((name) => name.startsWith(`${stem}_`));
    variants = variants.flatMap(({ variant }) =>
      choices.map((name) => ({ shader, variant: { ...variant, [key]: name.slice(stem.length + 1) } })),
    );
  }
  return variants;
}

/** The files with an entry point that no other file includes. */
const kernelShaders = names.filter((name) => {
  if (/^(matmul|product)_/.test(name)) return false;
  return variantsOf(name).every(({ shader, variant }) => shaderText(shader, variant).includes('@compute'));
});

/** Sets of override constants of a shader in which every value occurs: pairs of them compile alike. */
function overridesOf(text: string): readonly Record<string, number>[] {
  const choices = [...text.matchAll(/^override (\w+): (\w+)/gm)]
    .filter(([, name]) => name !== 'THREADS')
    .map(([, name, type]) => {
      const values = type === 'bool' ? [0, 1] : overrideValues[name];
      if (!values) throw new Error(`what values does override ${name} take?`);
      return { name, values };
    });
  const sets = Math.max(1, ...choices.map(({ values }) => values.length));
  return Array.from({ length: sets }, (_, i) =>
    Object.fromEntries(choices.map(({ name, values }) => [name, values[i % values.length]])),
  );
}

describe('every shader, with every value of its overrides', () => {
  let device: GPUDevice;
  const errors: string[] = [];
  beforeAll(async () => {
    const adapter = await navigator.gpu.requestAdapter();
    const { maxStorageBuffersPerShaderStage } = adapter!.limits;
    device = await adapter!.requestDevice({
      requiredLimits: { maxStorageBuffersPerShaderStage },
      requiredFeatures: ['subgroups'],
    });
    device.addEventListener('uncapturederror', ({ error }) => errors.push(error.message));
  });
  afterAll(() => device?.destroy());

  test.each(kernelShaders.flatMap(variantsOf))('$shader $variant compiles', async ({ shader, variant }) => {
    const code = shaderText(shader, variant);
    const module = device.createShaderModule({ label: shader, code });
    const { messages } = await module.getCompilationInfo();
    expect(messages.map(({ message, lineNum }) => `${lineNum}: ${message}`)).toEqual([]);
    const sets = overridesOf(code);
    await Promise.all(
      sets.map((constants) =>
        device.createComputePipelineAsync({ layout: 'auto', compute: { module, constants } }),
      ),
    );
    expect(errors).toEqual([]);
  });
});

describe('what TypeScript says of a kernel is what its shader declares', () => {
  const specs = [sgd, adagrad, adam, amsgrad].flatMap((optimizer) => [
    dlrmSpec({ optimizer }),
    dlrmSpec({ optimizer, regression: { mean: 3, deviation: 1.7 } }),
    factorizationSpec({ optimizer }),
    factorizationSpec({ optimizer, ranking: { loss: 'bpr', negatives: 3 } }),
    storagesSpec({ optimizer }),
    computedSpec({ optimizer }),
  ]);
  const kernels = new Map<string, Kernel>();
  for (const spec of specs)
    for (const tuning of [{ ...gpuTuning, busyThreads: 2 ** 20 }, softwareTuning, softwareQuadTuning]) {
      const exact = buildModel({ ...spec, batch: 64 });
      const packed = approximateActivations(exact, { bits: 8 });
      for (const program of [exact, streamGradients(exact, 1), packed, streamGradients(packed, 1)]) {
        const { dispatches } = lowerProgram(program, tuning);
        for (const { kernel } of [...dispatches.train, ...dispatches.evaluate, ...dispatches.prune])
          kernels.set(JSON.stringify([kernel.shader, kernel.variant]), kernel);
      }
    }

  for (const makeOp of Object.values(sketchCases).flat())
    for (const { kernel } of lowerOp(makeOp(new OpBench(3, [4], [[1]])), new DispatchBuilder(gpuTuning)))
      kernels.set(JSON.stringify([kernel.shader, kernel.variant]), kernel);

  test('the models and what looks at them use every kernel there is', () => {
    const used = new Set([...kernels.values()].map(({ shader }) => shader));
    expect([...used].sort()).toEqual([...kernelShaders].sort());
  });

  test.each([...kernels])('%s', (_, kernel) => {
    const reflected = new WgslReflect(declarationsOf(shaderText(kernel.shader, kernel.variant)));
    const uniforms = reflected.uniforms.map(({ group, binding, name }) => [group, binding, name]);
    expect(uniforms).toContainEqual([0, 0, 'sizes']);
    const storage = reflected.storage.map(({ name, group, binding, access, resourceType }) => {
      expect(resourceType).toBe(ResourceType.Storage);
      return { name, group, binding, access: access === 'read' ? 'read' : 'write' };
    });
    const described = Object.entries(kernel.buffers).map(([name, { binding, access }]) => ({
      name: snakeCase(name),
      group: 0,
      binding,
      access,
    }));
    expect(storage.sort(byBinding)).toEqual(described.sort(byBinding));
    expectStruct(reflected, 'Sizes', kernel.sizes);
    if (uniforms.length > 1) {
      expect(uniforms).toContainEqual([1, 0, 'current']);
      expectStruct(reflected, 'Step', stepUniforms);
    }
  });
});

function byBinding(a: { binding: number }, b: { binding: number }): number {
  return a.binding - b.binding;
}

/** Structs and bindings without the functions, not all of whose syntax wgsl_reflect reads. */
function declarationsOf(text: string): string {
  return [...text.matchAll(/^struct [^}]+}|^@group.+$/gm)].join('\n');
}

function expectStruct(reflected: WgslReflect, name: string, struct: UniformStruct<string>): void {
  const declared = reflected.structs.find((each) => each.name === name)!;
  expect(declared.members.map((member) => [member.name, member.type.name, member.offset])).toEqual(
    Object.entries(struct.members).map(([member, type], i) => [snakeCase(member), type, 4 * i]),
  );
}

function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
