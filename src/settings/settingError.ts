/** A setting was given a value it cannot take. */
export class SettingError extends Error {
  override readonly name = 'SettingError';
  /** The key of Settings. */
  readonly setting: string;
  readonly value: unknown;
  readonly remedy: string;

  /** `allowed` completes "Give …": 'a whole number from 1 to 16'. */
  constructor(setting: string, label: string, value: unknown, allowed: string) {
    super(`${label} (${setting}) cannot be ${typeof value === 'string' ? `“${value}”` : String(value)}.`);
    this.setting = setting;
    this.value = value;
    this.remedy = `Give ${allowed}.`;
  }
}
