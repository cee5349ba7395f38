import type { MethodId } from '../settings/settings.ts';
import type { Method } from './method.ts';
import { mixedDimension } from './mixedDimension.ts';
import { uniform } from './uniform.ts';

export const methods: Readonly<Record<MethodId, Method>> = {
  uniform,
  'mixed-dimension': mixedDimension,
};
