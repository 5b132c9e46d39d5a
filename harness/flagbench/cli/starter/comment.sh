#!/bin/sh
# One comment with the report on a pull request, written by the first run and updated by the others.
#
#   comment.sh OWNER/REPOSITORY NUMBER REPORT     GitHub; gh must be logged in (GH_TOKEN)
#   comment.sh --gitlab PROJECT NUMBER REPORT     GitLab; glab must be logged in (GITLAB_TOKEN)
#
# DRY_RUN=1 prints the comment and sends nothing.
set -eu

mark='<!-- flagbench -->'
most=60000 # characters; forges refuse comments that are longer than about 65,000

tool=gh
if [ "$1" = --gitlab ]; then
    tool=glab
    shift
fi
where=$1 number=$2 report=$3

body=$(mktemp)
trap 'rm -f "$body"' EXIT
{
    echo "$mark"
    head -c "$most" "$report"
    if [ "$(wc -c <"$report")" -gt "$most" ]; then
        printf '\n\n(shortened; the whole report is an artifact of this run)\n'
    fi
} >"$body"

if [ -n "${DRY_RUN-}" ]; then
    cat "$body"
    exit
fi
if [ "$tool" = gh ]; then
    comments="repos/$where/issues/$number/comments"
    found=$(gh api --paginate "$comments" --jq ".[] | select(.body | startswith(\"$mark\")) | .id" | head -n 1)
    if [ -n "$found" ]; then
        gh api --silent --method PATCH "repos/$where/issues/comments/$found" --field "body=@$body"
    else
        gh api --silent "$comments" --field "body=@$body"
    fi
else
    project=$(printf %s "$where" | sed 's,/,%2F,g')
    notes="projects/$project/merge_requests/$number/notes"
    found=$(glab api --paginate "$notes" | jq -r ".[] | select(.body | startswith(\"$mark\")) | .id" | head -n 1)
    if [ -n "$found" ]; then
        glab api --silent --method PUT "$notes/$found" --field "body=@$body"
    else
        glab api --silent --method POST "$notes" --field "body=@$body"
    fi
fi
