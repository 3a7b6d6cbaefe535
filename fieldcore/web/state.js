// What is shown, as the address's fragment says it: a link shows what one saw.

// Of a kind of page: its entries by name, each with its `usual` value and with `limits` of numbers, the `words` there
// are, or what says whether it `isText` of its kind; those that are `always` told stand in every link.
class Entries {
  constructor(entries, adjusted = (state) => state) {
    this.entries = entries;
    this.adjusted = adjusted;
  }

  // What is no such number or word is left at its usual value.
  stateOf(fragment) {
    const state = Object.fromEntries(Object.entries(this.entries).map(([name, entry]) => [name, entry.usual]));
    for (const [name, text] of new URLSearchParams(fragment.replace(/^#/, ""))) {
      if (Object.hasOwn(this.entries, name) && text !== "") state[name] = this.valueOf(this.entries[name], text) ?? state[name];
    }
    return this.adjusted(state);
  }

  valueOf({ limits, words, isText = words && ((text) => words.includes(text)) }, text) {
    if (isText) return isText(text) ? text : null;
    const number = Number(text);
    return number >= limits[0] && number <= limits[1] ? number : null;
  }

  fragmentOf(state) {
    const told = Object.entries(this.entries).filter(([name, entry]) => state[name] !== null && (entry.always || state[name] !== entry.usual));
    return "#" + told.map(([name]) => `${name}=${typeof state[name] === "string" ? state[name] : short(state[name])}`).join("&");
  }
}

const short = (number) => String(Number(number.toPrecision(6)));
