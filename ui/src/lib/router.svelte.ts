import { hashOf, routeOf, type Route } from './routes';

/** Asked before leaving a screen; answers whether it may be left. */
type Guard = () => boolean | Promise<boolean>;

class Router {
  route = $state.raw<Route>(routeOf(window.location.hash));
  #guard: Guard | null = null;
  #shown = window.location.hash;

  constructor() {
    window.addEventListener('hashchange', () => void this.#arrive());
  }

  async #arrive(): Promise<void> {
    const wanted = window.location.hash;
    if (wanted === this.#shown) return;
    if (this.#guard && !(await this.#guard())) {
      history.replaceState(null, '', this.#shown || '#');
      return;
    }
    this.#shown = wanted;
    this.route = routeOf(wanted);
  }

  /** Goes to a place. */
  go(route: Route): void {
    window.location.hash = hashOf(route);
  }

  /** Takes another place instead of this one, so that going back does not come here again. */
  replace(route: Route): void {
    history.replaceState(null, '', hashOf(route));
    this.#shown = window.location.hash;
    this.route = route;
  }

  /** Asks before the screen is left; answers with what stops asking. */
  guard(ask: Guard): () => void {
    this.#guard = ask;
    return () => {
      if (this.#guard === ask) this.#guard = null;
    };
  }
}

/** The window's one router. */
export const router = new Router();
