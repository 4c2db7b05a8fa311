#!/usr/bin/env bash
# The road of docs/manual/administrator.md on a bare machine, timed: a fresh Debian 12 in a folder of its own, the
# manual's commands typed as they stand there, systemd as its service manager, then the browser test of that road against
# it. Needs root, debootstrap, and the browsers that `./x test` installs; takes the machine for a quarter of an hour or two.
#   bench/bare.sh FOLDER           everything, in a folder that is not there yet
#   bench/bare.sh FOLDER --again   the part after the build once more
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

say() { printf '%s\n' "• $*"; }

# The manual's blocks of commands, in Bokmål, those before the user is made.
build_commands() {
  awk '/^## English/ { exit } /^```sh$/ { on = 1; next } /^```$/ { on = 0 } on && /^useradd/ { exit } on' "$here/docs/manual/administrator.md"
}

# A root of its own, seen by nobody else; $1 is the folder.
own_root() {
  mount --make-rprivate /
  mount --bind "$1" "$1"
  mount -t proc proc "$1/proc"
  mount --rbind /dev "$1/dev"
  mount -t sysfs -o ro sysfs "$1/sys"
}

turn_to() {
  cd "$1"
  mkdir -p before
  pivot_root . before
  cd /
  umount -l /before
}

case ${1:-} in
  --build)
    own_root "$2"
    turn_to "$2"
    exec env -i HOME=/root TERM=dumb LANG=C.UTF-8 PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin ${NODE_EXTRA_CA_CERTS:+NODE_EXTRA_CA_CERTS="$NODE_EXTRA_CA_CERTS"} bash -c 'cd /root/samrom && . /root/build-commands' ;;
  --boot)
    own_root "$2"
    mount -t tmpfs tmpfs "$2/run"
    mount -t tmpfs tmpfs "$2/sys/fs/cgroup"
    mkdir "$2/sys/fs/cgroup/unified" "$2/sys/fs/cgroup/systemd"
    mount -t cgroup2 cgroup2 "$2/sys/fs/cgroup/unified"
    mount -t cgroup -o none,name=systemd cgroup "$2/sys/fs/cgroup/systemd"
    turn_to "$2"
    exec env -i container=other PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin /lib/systemd/systemd --system --show-status=no ;;
  --road)
    # Inside a network of its own, so that nothing of the machine's is touched.
    unshare --mount --pid --fork --kill-child --cgroup --uts --ipc "$0" --boot "$2" &
    keeper=$!
    trap 'kill -9 "$keeper"' EXIT
    for _ in $(seq 100); do
      sleep 0.2
      first=$(cat "/proc/$keeper/task/$keeper/children" | tr -d ' ')
      [ -z "$first" ] || [ ! -S "/proc/$first/root/run/systemd/private" ] || break
    done
    SAMROM_BARE=$first "$here/e2e/node_modules/.bin/node" "$here/e2e/run.mjs" road
    exit ;;
esac

folder=$(realpath -m "${1:?usage: bench/bare.sh FOLDER [--again]}")
if [ "${2:-}" != --again ]; then
  [ ! -e "$folder" ] || { say "$folder is there already" >&2; exit 1; }
  debootstrap --include=systemd,systemd-sysv,dbus bookworm "$folder" > "$folder.log"
  # Authorities that this machine trusts beyond Debian's.
  cp -r /usr/local/share/ca-certificates/. "$folder/usr/local/share/ca-certificates/" 2> /dev/null || true
  # It has the machine's processor and network to itself; its kernel and devices are the machine's.
  for unit in systemd-sysctl systemd-modules-load systemd-udevd systemd-udev-trigger systemd-networkd systemd-resolved; do ln -sf /dev/null "$folder/etc/systemd/system/$unit.service"; done
  cp /etc/resolv.conf "$folder/etc/"
  git clone --quiet "$here" "$folder/root/samrom"
  build_commands | grep -v '^install ' > "$folder/root/build-commands"
  from=$SECONDS
  unshare --mount --pid --fork "$0" --build "$folder" 2>&1 | tee "$folder.build.log" | grep '^•'
  say "fetched and built in $((SECONDS - from)) s"
fi
rm -rf "$folder"/{etc,var/lib,var/backups}/samrom "$folder"/etc/systemd/system/samrom*
chroot "$folder" userdel samrom 2> /dev/null || true
"$here/e2e/netns" "$0" --road "$folder"
