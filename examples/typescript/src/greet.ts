const words = { de: "Hallo", en: "Hello", fr: "Bonjour" } as const;

export type Language = keyof typeof words;

export interface Greeting {
  readonly text: string;
  readonly language: Language;
}

export function isLanguage(value: string): value is Language {
  return Object.hasOwn(words, value);
}

export function greet(name: string, language: Language): Greeting {
  return { text: `${words[language]}, ${name}!`, language };
}
