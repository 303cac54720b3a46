import { followMailLink } from "./mail-links";

function follow(address: string): string {
  history.replaceState(null, "", address);
  followMailLink(location);
  return location.pathname + location.search + location.hash;
}

test.each([
  ["/#invitation=a-secret", "/invitation#a-secret"],
  ["/#reset_password=a-secret", "/reset#a-secret"],
  ["/#verify_email=a-secret", "/verify#a-secret"],
  ["/#oidc_error=account_exists", "/login#account_exists"],
  ["/#second_factor", "/login/code"],
  ["/bots/bot_1?q=a#second_factor", "/login/code?next=%2Fbots%2Fbot_1%3Fq%3Da"],
])("%s leads to %s", (address, place) => {
  expect(follow(address)).toBe(place);
});

test.each(["/bots#invitation=a-secret", "/#something=else", "/#constructor"])(
  "%s is left as it is",
  (address) => {
    expect(follow(address)).toBe(address);
  },
);
