// Words of a line, as ../player/text.c reads them.
using System;
using System.Collections.Generic;
using System.Linq;

namespace Differential;

/// One word; quoted text may hold any byte.
sealed record Word(byte[] Bytes, bool Quoted)
{
    public string Text { get; } = System.Text.Encoding.UTF8.GetString(Bytes);

    public bool Is(string wanted) => !Quoted && Text == wanted;

    public static Word Of(string text) => new(System.Text.Encoding.UTF8.GetBytes(text), false);

    public static List<Word> Read(string line)
    {
        var list = new List<Word>();
        int at = 0;
        while (true)
        {
            while (at < line.Length && char.IsWhiteSpace(line[at])) at++;
            if (at == line.Length || line[at] == '#') return list;
            if (line[at] == '"')
            {
                list.Add(new Word(ReadQuoted(line, ref at), true));
                if (at < line.Length && !char.IsWhiteSpace(line[at]))
                    throw new FormatException("a quoted text that does not end");
            }
            else
            {
                int start = at;
                while (at < line.Length && !char.IsWhiteSpace(line[at])) at++;
                list.Add(Of(line[start..at]));
            }
        }
    }

    static byte[] ReadQuoted(string line, ref int at)
    {
        var bytes = new List<byte>();
        for (at++; line[at] != '"';)
        {
            if (line[at] == '\\') ReadEscape(line, ref at, bytes);
            else bytes.AddRange(System.Text.Encoding.UTF8.GetBytes(line[at++].ToString()));
        }
        at++;
        if (at == line.Length || line[at] != '*') return bytes.ToArray();
        int start = ++at;
        while (at < line.Length && char.IsDigit(line[at])) at++;
        return Enumerable.Repeat(bytes, int.Parse(line[start..at])).SelectMany(x => x).ToArray();
    }

    static void ReadEscape(string line, ref int at, List<byte> bytes)
    {
        char letter = line[at + 1];
        if (letter == 'x')
        {
            bytes.Add(Convert.ToByte(line.Substring(at + 2, 2), 16));
            at += 4;
            return;
        }
        bytes.Add((byte)"\0\n\r\t\"\\"["0nrt\"\\".IndexOf(letter)]);
        at += 2;
    }
}
