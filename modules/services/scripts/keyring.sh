# merge_keyring WANTED RING: brings a daemon's keyring on disk to what its gossip secret says.
# The daemon changes its keyring while it runs, when the servers tell it to, and the secret may be
# older than that: the host has not been deployed yet, or was rolled back. So a secret only counts the
# first time that it is seen.
merge_keyring() {
  local wanted=$1 ring=$2 seen=${2%/*}/seen-gossip hash
  mkdir -p "${ring%/*}"
  hash=$(sha256sum <"$wanted")
  if [ ! -s "$ring" ]; then
    jq --compact-output . "$wanted" >"$ring.new"
  elif grep --quiet --line-regexp --fixed-strings --no-messages "$hash" "$seen"; then
    return
  else
    # One key: everybody uses it by now. Two: a new one, not known to everybody yet, and the one in use.
    jq --compact-output --slurpfile wanted "$wanted" '
      $wanted[0] as $keys
      | if ($keys | length) == 1 and .[0] != $keys[0] then $keys
        elif .[0] as $used | $keys | index($used) then . + ($keys - .)
        else $keys[1:] + $keys[:1] end
    ' "$ring" >"$ring.new"
  fi
  mv -f "$ring.new" "$ring"
  printf '%s\n' "$hash" >>"$seen"
}
