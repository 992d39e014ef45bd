#!/bin/sh
# Makes the branch `solutions`: the commit that is checked out, with chapters/ solved. The answer key is
# then `git diff HEAD solutions -- chapters/`. It is made without touching a file of the working tree or
# its index; a branch of that name that someone made by hand is left alone.
set -e
branch=solutions
said="Chapters, solved"
if git rev-parse -q --verify "refs/heads/$branch" > /dev/null &&
    [ "$(git log -1 --format=%s "refs/heads/$branch")" != "$said" ]; then
    echo "There is a branch '$branch' that was not made by this command; it stays as it is." >&2
    echo " next: rename it, git branch -m $branch another-name, and try again" >&2
    exit 3
fi
index=$(git rev-parse --git-dir)/index.solutions
export GIT_INDEX_FILE="$index"
trap 'rm -f "$index"' EXIT
git read-tree HEAD
for solution in $(git ls-tree --name-only HEAD solutions/); do
    blob=$(git show "HEAD:$solution" |
        awk '/^ *\/\/> answers/ { next } !/^ *\/\/[<>]/ { print }' | git hash-object -w --stdin)
    git update-index --add --cacheinfo "100644,$blob,chapters/$(basename "$solution")"
done
commit=$(echo "$said" | git commit-tree "$(git write-tree)" -p HEAD)
git update-ref "refs/heads/$branch" "$commit"
echo "The branch '$branch' is HEAD with its chapters solved."
echo " next: git diff HEAD $branch -- chapters/"
